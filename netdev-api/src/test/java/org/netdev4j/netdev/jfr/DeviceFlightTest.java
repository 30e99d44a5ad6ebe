package org.netdev4j.netdev.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.netdev.ForwardingNetDevOps;
import org.netdev4j.netdev.InMemoryDriver;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What a flight recording tells of a device. */
class DeviceFlightTest {
    private DeviceListener listener;

    @Test
    void lifeLinkAndTroubleAreRecorded(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("flight.jfr");
        NetBufPool pool = NetBufPool.builder().name("flight packets").buffers(16).build();
        try (Recording recording = new Recording()) {
            for (String event : List.of("DeviceState", "LinkChange", "DeviceReset", "QueueStall", "QueueBroken",
                    "PoolLevel")) {
                recording.enable("org.netdev4j." + event);
            }
            recording.start();
            try (NetDev device = new NetDev("memory:flight", listening())) {
                device.probe();
                device.configure(NetDevConfig.ONE_PAIR);
                device.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(8));
                device.configureTxQueue(0, TxQueueConfig.POLLED.withSize(8));
                device.start();
                listener.onEvent(DeviceEvent.LINK_CHANGED, "the link is DOWN");
                listener.onEvent(DeviceEvent.QUEUE_STALLED, "rx0: pool empty");
                listener.onEvent(DeviceEvent.QUEUE_BROKEN, "rx0: used id 300");
                listener.onEvent(DeviceEvent.NEEDS_RESET, "device status");
            }
            recording.stop();
            recording.dump(file);
        }
        pool.close();

        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertEquals(List.of("UNPROBED UNCONFIGURED", "UNCONFIGURED CONFIGURED", "CONFIGURED RUNNING",
                "RUNNING CLOSED"),
                of(events, "DeviceState").stream()
                        .map(event -> event.getString("from") + " " + event.getString("to")).toList());
        assertEquals("the link is DOWN", of(events, "LinkChange").getFirst().getString("detail"));
        assertEquals("rx0: pool empty", of(events, "QueueStall").getFirst().getString("detail"));
        assertEquals("rx0: used id 300", of(events, "QueueBroken").getFirst().getString("detail"));
        assertEquals("device status", of(events, "DeviceReset").getFirst().getString("detail"));
        assertTrue(of(events, "DeviceState").stream()
                .allMatch(event -> event.getString("device").equals("memory:flight")));
        assertEquals(List.of("netdev4j"), of(events, "QueueStall").getFirst().getEventType().getCategoryNames());
    }

    @Test
    void poolsTellTheirLevels(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("pools.jfr");
        NetBufPool pool = NetBufPool.builder().name("level packets").buffers(16).build();
        try (NetDev _ = new NetDev("memory:pools", new InMemoryDriver()); Recording recording = new Recording()) {
            recording.enable("org.netdev4j.PoolLevel").with("period", "endChunk");
            recording.start();
            pool.allocate().free();
            recording.stop();
            recording.dump(file);
        }
        pool.close();
        RecordedEvent level = of(RecordingFile.readAllEvents(file), "PoolLevel").stream()
                .filter(event -> event.getString("pool").equals("level packets")).findFirst().orElseThrow();
        assertEquals(16, level.getInt("buffers"));
        assertEquals(16, level.getInt("free"));
    }

    @Test
    void aPoolThatHadTooFewBuffersIsToldOfOnceWithHowOften(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("exhausted.jfr");
        NetBufPool pool = NetBufPool.builder().name("few packets").buffers(1).build();
        try (NetDev _ = new NetDev("memory:few", new InMemoryDriver()); Recording recording = new Recording()) {
            recording.enable("org.netdev4j.PoolExhausted").with("period", "endChunk");
            recording.start();
            NetBuf only = pool.allocate();
            assertNull(pool.allocate());
            assertNull(pool.allocate());
            only.free();
            recording.stop();
            recording.dump(file);
        }
        pool.close();
        List<RecordedEvent> events = of(RecordingFile.readAllEvents(file), "PoolExhausted").stream()
                .filter(event -> event.getString("pool").equals("few packets")).toList();
        assertEquals(2, events.stream().mapToLong(event -> event.getLong("times")).sum());
        assertEquals(1, events.getFirst().getInt("buffers"));
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals("org.netdev4j." + name)).toList();
    }

    private ForwardingNetDevOps listening() {
        return new ForwardingNetDevOps(new InMemoryDriver()) {
            @Override
            public void onEvent(DeviceListener told) {
                listener = told;
            }
        };
    }
}
