package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.transport.vhostuser.BackEndOffer;
import org.netdev4j.virtio.transport.vhostuser.QueueSwitch;
import org.netdev4j.virtio.transport.vhostuser.StandIn;
import org.netdev4j.virtio.transport.vhostuser.VhostUserException;

/**
 * The network device that a vhost-user back-end is a part of. Back-ends have no control queue and seldom a MAC address or a
 * link, so a front-end makes them up. The link is up while the back-end is there, unless it says otherwise. What a control
 * queue can do is to say how many queue pairs are in use, and to hear that the driver announced itself; no back-end can be
 * told of filters, so none are offered.
 */
final class VhostUserStandIn implements StandIn {
    /** What lives on this side of the socket, whether the back-end offers it or not. */
    private static final Features OWN = Features.of(NetFeature.MAC, NetFeature.STATUS, VirtioFeature.RING_RESET);
    /** A kick is an eventfd, which carries no data; the configuration ends before the speed. */
    private static final Features CANNOT = Features.of(VirtioFeature.NOTIFICATION_DATA, NetFeature.SPEED_DUPLEX);
    private static final int CONFIG_LENGTH = NetConfigLayout.MTU + Short.BYTES;

    private final MacAddress mac;
    private final MacAddress fallbackMac;
    private final int mtu;
    private final int pairs;
    private final LocalControl control;
    /** The driver is to announce itself: the back-end does not know where it is. */
    private boolean announce;

    /**
     * @param mac or null: the back-end's, or else {@code fallbackMac}
     * @param mtu bytes, 0: the back-end's if it has one
     * @param pairs queue pairs that the back-end must have
     */
    VhostUserStandIn(MacAddress mac, MacAddress fallbackMac, int mtu, int pairs) {
        this.mac = mac;
        this.fallbackMac = fallbackMac;
        this.mtu = mtu;
        this.pairs = pairs;
        control = new LocalControl(pairs, () -> announce = false);
    }

    @Override
    public int deviceType() {
        return NetFeatures.DEVICE_TYPE;
    }

    @Override
    public int queues(BackEndOffer backEnd) {
        if (pairs > backEnd.queuePairs()) {
            throw new VhostUserException("queues=" + pairs + ": the back-end has queue pairs: "
                    + backEnd.queuePairs());
        }
        return 2 * pairs + 1;
    }

    @Override
    public int dataQueues(Features accepted) {
        return accepted.has(NetFeature.MQ) ? 2 * pairs : 2;
    }

    @Override
    public int queuesAtFirst() {
        return 2;
    }

    @Override
    public Features offered(BackEndOffer backEnd) {
        Features all = NetFeatures.TABLE.close(backEnd.features().without(NetFeature.CTRL_VQ)).or(OWN).minus(CANNOT);
        if (pairs > 1) {
            all = all.with(NetFeature.CTRL_VQ).with(NetFeature.MQ);
        }
        if (backEnd.features().has(NetFeature.GUEST_ANNOUNCE)) {
            all = all.with(NetFeature.CTRL_VQ).with(NetFeature.GUEST_ANNOUNCE);
        }
        return mtu(backEnd) == 0 ? all.without(NetFeature.MTU) : all.with(NetFeature.MTU);
    }

    @Override
    public Features forBackEnd(Features accepted) {
        return accepted.minus(OWN).without(NetFeature.CTRL_VQ);
    }

    @Override
    public int configLength() {
        return CONFIG_LENGTH;
    }

    @Override
    public byte[] config(BackEndOffer backEnd, boolean connected) {
        byte[] config = new byte[CONFIG_LENGTH];
        mac(backEnd).write(MemorySegment.ofArray(config), NetConfigLayout.MAC);
        ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN)
                .putShort(NetConfigLayout.STATUS, (short) status(backEnd, connected))
                .putShort(NetConfigLayout.MAX_VIRTQUEUE_PAIRS, (short) pairs)
                .putShort(NetConfigLayout.MTU, (short) mtu(backEnd));
        return config;
    }

    private MacAddress mac(BackEndOffer backEnd) {
        if (mac != null) {
            return mac;
        }
        if (!says(backEnd, NetFeature.MAC)) {
            return fallbackMac;
        }
        MacAddress theirs = MacAddress.read(MemorySegment.ofArray(backEnd.config()), NetConfigLayout.MAC);
        return theirs.value() == 0 || theirs.isMulticast() ? fallbackMac : theirs;
    }

    private int status(BackEndOffer backEnd, boolean connected) {
        boolean up = connected && (!says(backEnd, NetFeature.STATUS)
                || (u16(backEnd, NetConfigLayout.STATUS) & NetConfigLayout.STATUS_LINK_UP) != 0);
        return (up ? NetConfigLayout.STATUS_LINK_UP : 0) | (announce ? NetConfigLayout.STATUS_ANNOUNCE : 0);
    }

    /** 0 if there is none, or none that a device may have. */
    private int mtu(BackEndOffer backEnd) {
        if (mtu != 0) {
            return mtu;
        }
        int theirs = says(backEnd, NetFeature.MTU) ? u16(backEnd, NetConfigLayout.MTU) : 0;
        return theirs < NetConfigLayout.MIN_MTU ? 0 : theirs;
    }

    private static boolean says(BackEndOffer backEnd, NetFeature feature) {
        return backEnd.features().has(feature) && backEnd.config().length >= CONFIG_LENGTH;
    }

    private static int u16(BackEndOffer backEnd, int offset) {
        return ByteBuffer.wrap(backEnd.config()).order(ByteOrder.LITTLE_ENDIAN).getShort(offset) & 0xffff;
    }

    /** The back-end's own it knows. */
    @Override
    public int mtu(Features accepted) {
        return accepted.has(NetFeature.MTU) ? mtu : 0;
    }

    @Override
    public void reset() {
        announce = false;
    }

    @Override
    public void backEndReplaced() {
        announce = true;
    }

    @Override
    public void serve(int index, DeviceQueue queue, QueueSwitch dataQueues) {
        control.serve(queue, dataQueues);
    }
}
