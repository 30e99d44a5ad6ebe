package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.memorymodel.TwoThreads;

/** As {@link TransferThreads}, with requests of one piece that the device takes in bursts and that have no answer. */
public final class BurstThreads implements TwoThreads {
    private static final int ROUNDS = 2;
    private static final int LOOKS = 3;
    private static final int SIZE = 2;

    private Virtqueue driver;
    private DeviceQueue device;
    private MemorySegment request;
    private long requestAddress;

    @Override
    public void setUp(MemoryRegion memory, Features features) {
        driver = Virtqueue.create(memory, SIZE, features);
        MemorySlice requests = memory.cut(Long.BYTES, Long.BYTES);
        request = requests.segment();
        requestAddress = requests.deviceAddress();
        DeviceMemory deviceMemory = new DeviceMemory();
        deviceMemory.add(memory);
        device = DeviceQueue.create(deviceMemory, driver.placement(), features);
    }

    @Override
    public void driver() {
        int[] tokens = new int[1];
        int looks = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            request.set(RingField.LE64, 0, round);
            check(driver.add(requestAddress, Long.BYTES, false, round), "descriptors are free");
            driver.publish();
            while (driver.pop(tokens, null, 1) == 0) {
                check(!driver.isBroken(), driver.brokenReason());
                if (++looks == LOOKS) {
                    return;
                }
            }
            check(tokens[0] == round, "the buffer of this round came back");
        }
    }

    @Override
    public void device() {
        DescriptorBurst burst = new DescriptorBurst(SIZE);
        int round = 0;
        for (int look = 0; look < LOOKS; look++) {
            if (device.next(burst, SIZE, false) > 0) {
                round++;
                check(burst.size() == 1 && burst.length(0) == Long.BYTES, "the buffer as it was added");
                check(burst.segment().get(RingField.LE64, burst.offset(0)) == round, "the request of this round");
                device.complete(burst, 1, null);
                device.publish();
            }
            check(!device.isBroken(), device.brokenReason());
        }
    }

    private static void check(boolean right, String expected) {
        if (!right) {
            throw new AssertionError("expected: " + Objects.requireNonNull(expected));
        }
    }
}
