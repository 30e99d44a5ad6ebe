package org.netdev4j.virtio.transport.vhostuser;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * A device that is what its back-end is: a first byte of configuration says whether it is there, the back-end's own follow.
 * It has a queue more than the back-end, on which each buffer is a command: its length is the number of queues to use, and
 * a byte written says that the back-end did it.
 */
final class PlainStandIn implements StandIn {
    static final int FEATURE_OF_THIS_SIDE = 5;
    static final int FEATURE_WITH_MTU = 3;
    static final int MTU = 4000;

    final List<String> told = new ArrayList<>();
    int configLength;
    private int dataQueues;

    @Override
    public int deviceType() {
        return 1;
    }

    @Override
    public int queues(BackEndOffer backEnd) {
        dataQueues = 2 * backEnd.queuePairs();
        return dataQueues + 1;
    }

    @Override
    public int dataQueues(Features accepted) {
        return dataQueues;
    }

    @Override
    public int queuesAtFirst() {
        return 2;
    }

    @Override
    public Features offered(BackEndOffer backEnd) {
        return backEnd.features();
    }

    @Override
    public Features forBackEnd(Features accepted) {
        return accepted.minus(Features.NONE.with(FEATURE_OF_THIS_SIDE));
    }

    @Override
    public int configLength() {
        return configLength;
    }

    @Override
    public byte[] config(BackEndOffer backEnd, boolean connected) {
        byte[] config = new byte[1 + backEnd.config().length];
        config[0] = (byte) (connected ? 1 : 0);
        System.arraycopy(backEnd.config(), 0, config, 1, backEnd.config().length);
        return config;
    }

    @Override
    public int mtu(Features accepted) {
        return accepted.has(FEATURE_WITH_MTU) ? MTU : 0;
    }

    @Override
    public void reset() {
        told.add("reset");
    }

    @Override
    public void backEndReplaced() {
        told.add("replaced");
    }

    @Override
    public void serve(int index, DeviceQueue queue, QueueSwitch data) {
        DescriptorChain chain = new DescriptorChain(queue.size());
        while (queue.next(chain)) {
            queue.complete(chain, data.use(chain.readableLength()) ? 1 : 0);
        }
    }
}
