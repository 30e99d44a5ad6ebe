package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What happens to a device, and who is told. */
class DeviceEventTest {
    private final InMemoryDriver driver = new InMemoryDriver();
    private final NetDev dev = new NetDev("memory:0", driver);

    @AfterEach
    void close() {
        dev.close();
    }

    @Test
    @DisplayName("regression 25: link changes are told to every listener, which may ask for the state")
    void linkListeners() {
        dev.probe();
        List<LinkState> seen = new ArrayList<>();
        dev.onEvent((event, detail) -> seen.add(dev.linkState()));
        dev.onEvent((event, detail) -> seen.add(dev.linkState()));
        driver.link(LinkState.DOWN);
        driver.link(LinkState.UP);
        assertEquals(List.of(LinkState.DOWN, LinkState.DOWN, LinkState.UP, LinkState.UP), seen);
    }

    @Test
    void linkListenerThatThrowsDoesNotKeepTheOthersFromKnowing() throws InterruptedException {
        dev.probe();
        RuntimeException oops = new RuntimeException("listener");
        List<LinkState> seen = new ArrayList<>();
        AtomicReference<Throwable> uncaught = new AtomicReference<>();
        dev.onEvent((event, detail) -> {
            throw oops;
        });
        dev.onEvent((event, detail) -> seen.add(dev.linkState()));
        Thread.ofPlatform().uncaughtExceptionHandler((t, e) -> uncaught.set(e))
                .start(() -> driver.link(LinkState.DOWN)).join();
        assertEquals(List.of(LinkState.DOWN), seen);
        assertSame(oops, uncaught.get());
    }

    @Test
    void linkStateIsAnsweredWhileAControlCallIsUnderWay() throws InterruptedException {
        dev.probe();
        CountDownLatch inControl = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        NetDev slow = new NetDev("slow", new InMemoryDriver() {
            @Override
            public void configure(NetDevConfig config) {
                inControl.countDown();
                try {
                    asked.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                super.configure(config);
            }
        });
        slow.probe();
        Thread control = Thread.ofPlatform().start(() -> slow.configure(NetDevConfig.ONE_PAIR));
        inControl.await();
        assertEquals(LinkState.UP, slow.linkState());
        asked.countDown();
        control.join();
        assertEquals(NetDevState.CONFIGURED, slow.state());
        slow.close();
    }
}
