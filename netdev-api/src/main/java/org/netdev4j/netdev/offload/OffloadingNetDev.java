package org.netdev4j.netdev.offload;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.ForwardingNetDevOps;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** The device behind, with every transmit offload. */
final class OffloadingNetDev extends ForwardingNetDevOps {
    private static final Set<Capability> OFFLOADS = EnumSet.of(Capability.TX_CHECKSUM, Capability.TX_TSO4,
            Capability.TX_TSO6, Capability.TX_TSO_ECN, Capability.TX_USO);

    private final List<OffloadingTxQueue> queues = new ArrayList<>();

    OffloadingNetDev(NetDevOps inner) {
        super(inner);
    }

    @Override
    public NetDevInfo info() {
        return inner.info().with(OFFLOADS.toArray(Capability[]::new));
    }

    @Override
    public Map<String, String> details() {
        Map<String, String> details = new LinkedHashMap<>(inner.details());
        details.put("offloads in software", OFFLOADS.stream().filter(offload -> !inner.info().has(offload))
                .map(Capability::label).collect(Collectors.joining(" ")));
        return details;
    }

    @Override
    public void configure(NetDevConfig config) {
        inner.configure(config);
        queues.forEach(OffloadingTxQueue::reset);
        queues.clear();
    }

    @Override
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        OffloadingTxQueue queue = new OffloadingTxQueue(inner.configureTxQueue(index, config), config.size());
        queues.add(queue);
        return queue;
    }

    /** A device that was reset may offer other things than before. */
    @Override
    public void start() {
        inner.start();
        OffloadNeeds needs = new OffloadNeeds(inner.info());
        queues.forEach(queue -> queue.needs(needs));
    }

    @Override
    public void stop() {
        inner.stop();
        queues.forEach(OffloadingTxQueue::reset);
    }

    @Override
    public void close() {
        try {
            inner.close();
        } finally {
            queues.forEach(OffloadingTxQueue::reset);
        }
    }
}
