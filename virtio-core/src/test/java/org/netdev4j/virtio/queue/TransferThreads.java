package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.memorymodel.TwoThreads;

/**
 * Requests and their answers, one after the other through the same descriptors and the same memory: each end must see what
 * the other wrote, in the rings and in the buffers, and nothing of the round before. Each end looks a few times and gives up.
 */
public final class TransferThreads implements TwoThreads {
    private static final int ROUNDS = 2;
    private static final int LOOKS = 3;
    private static final int SIZE = 2;
    private static final int ANSWER = 100;

    private final ScatterGatherList buffer = new ScatterGatherList(2);
    private Virtqueue driver;
    private DeviceQueue device;
    private MemorySegment request;
    private MemorySegment response;

    @Override
    public void setUp(MemoryRegion memory, Features features) {
        driver = Virtqueue.create(memory, SIZE, features);
        MemorySlice requests = memory.cut(Long.BYTES, Long.BYTES);
        MemorySlice responses = memory.cut(Long.BYTES, Long.BYTES);
        request = requests.segment();
        response = responses.segment();
        buffer.append(requests.deviceAddress(), Long.BYTES, false);
        buffer.append(responses.deviceAddress(), Long.BYTES, true);
        DeviceMemory deviceMemory = new DeviceMemory();
        deviceMemory.add(memory);
        device = DeviceQueue.create(deviceMemory, driver.placement(), features);
    }

    @Override
    public void driver() {
        int[] tokens = new int[1];
        int[] written = new int[1];
        int looks = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            request.set(RingField.LE64, 0, round);
            check(driver.add(buffer, round), "descriptors are free");
            driver.publish();
            while (driver.pop(tokens, written, 1) == 0) {
                check(!driver.isBroken(), driver.brokenReason());
                if (++looks == LOOKS) {
                    return;
                }
            }
            check(tokens[0] == round && written[0] == Long.BYTES, "the buffer of this round came back");
            check(response.get(RingField.LE64, 0) == round + ANSWER, "the answer is to this round");
        }
    }

    @Override
    public void device() {
        DescriptorChain chain = new DescriptorChain(SIZE);
        int round = 0;
        for (int look = 0; look < LOOKS; look++) {
            if (device.next(chain)) {
                round++;
                check(chain.readableLength() == Long.BYTES && chain.writableLength() == Long.BYTES, "both pieces");
                check(chain.segment(0).get(RingField.LE64, chain.offset(0)) == round, "the request of this round");
                chain.segment(1).set(RingField.LE64, chain.offset(1), round + ANSWER);
                device.complete(chain, Long.BYTES);
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
