package org.netdev4j.virtio.queue;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.memorymodel.Accesses;
import org.netdev4j.virtio.memorymodel.TwoThreads;

/**
 * Each end sleeps when it finds nothing, after asking to be woken; a notification that is not sent, or an arming that does not
 * look again, leaves it asleep. Two publications, so that the device asks again.
 */
public final class WakeUpThreads implements TwoThreads {
    private static final int BUFFERS = 2;
    private static final int SIZE = 2;
    private static final int KICK = 0;
    private static final int INTERRUPT = 1;

    private Virtqueue driver;
    private DeviceQueue device;
    private long address;

    @Override
    public void setUp(MemoryRegion memory, Features features) {
        driver = Virtqueue.create(memory, SIZE, features);
        address = memory.deviceAddress();
        DeviceMemory deviceMemory = new DeviceMemory();
        deviceMemory.add(memory);
        device = DeviceQueue.create(deviceMemory, driver.placement(), features);
    }

    @Override
    public void driver() {
        for (int i = 0; i < BUFFERS; i++) {
            driver.add(address, 1, false, i);
            if (driver.publish()) {
                Accesses.ring(KICK);
            }
        }
        int[] tokens = new int[SIZE];
        int popped = 0;
        while (popped < BUFFERS) {
            int count = driver.pop(tokens, null, SIZE);
            popped += count;
            if (count == 0 && driver.armInterrupt()) {
                check(driver.isBroken(), driver.brokenReason());
                Accesses.sleep(INTERRUPT);
                driver.disarmInterrupt();
            }
        }
    }

    @Override
    public void device() {
        DescriptorChain chain = new DescriptorChain(SIZE);
        int returned = 0;
        while (returned < BUFFERS) {
            if (device.next(chain)) {
                device.complete(chain, 0);
                returned++;
                if (device.publish()) {
                    Accesses.ring(INTERRUPT);
                }
            } else if (device.armKick()) {
                check(device.isBroken(), device.brokenReason());
                Accesses.sleep(KICK);
                device.disarmKick();
            }
        }
    }

    private static void check(boolean broken, String reason) {
        if (broken) {
            throw new AssertionError(reason);
        }
    }
}
