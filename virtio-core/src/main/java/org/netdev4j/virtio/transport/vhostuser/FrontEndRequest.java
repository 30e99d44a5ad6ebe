package org.netdev4j.virtio.transport.vhostuser;

import static org.netdev4j.virtio.transport.vhostuser.FdRule.BY_NUMBER;
import static org.netdev4j.virtio.transport.vhostuser.FdRule.NONE;
import static org.netdev4j.virtio.transport.vhostuser.FdRule.ONE;
import static org.netdev4j.virtio.transport.vhostuser.FdRule.PER_REGION;
import static org.netdev4j.virtio.transport.vhostuser.FdRule.UP_TO_ONE;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.CONFIG;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.EMPTY;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.INFLIGHT;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.LOG;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.MEMORY_TABLE;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.SINGLE_REGION;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.U64;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.VRING_ADDRESS;
import static org.netdev4j.virtio.transport.vhostuser.PayloadKind.VRING_STATE;

/** What a front-end asks of a back-end: code, payload, reply, descriptors, and the protocol feature that allows it. */
enum FrontEndRequest {
    GET_FEATURES(1, EMPTY, U64, NONE, null),
    SET_FEATURES(2, U64, null, NONE, null),
    SET_OWNER(3, EMPTY, null, NONE, null),
    RESET_OWNER(4, EMPTY, null, NONE, null),
    SET_MEM_TABLE(5, MEMORY_TABLE, null, PER_REGION, null),
    SET_LOG_BASE(6, LOG, EMPTY, ONE, ProtocolFeature.LOG_SHMFD),
    SET_LOG_FD(7, EMPTY, null, ONE, null),
    SET_VRING_NUM(8, VRING_STATE, null, NONE, null),
    SET_VRING_ADDR(9, VRING_ADDRESS, null, NONE, null),
    SET_VRING_BASE(10, VRING_STATE, null, NONE, null),
    GET_VRING_BASE(11, VRING_STATE, VRING_STATE, NONE, null),
    SET_VRING_KICK(12, U64, null, BY_NUMBER, null),
    SET_VRING_CALL(13, U64, null, BY_NUMBER, null),
    SET_VRING_ERR(14, U64, null, BY_NUMBER, null),
    GET_PROTOCOL_FEATURES(15, EMPTY, U64, NONE, null),
    SET_PROTOCOL_FEATURES(16, U64, null, NONE, null),
    GET_QUEUE_NUM(17, EMPTY, U64, NONE, ProtocolFeature.MQ),
    SET_VRING_ENABLE(18, VRING_STATE, null, NONE, null),
    SEND_RARP(19, U64, null, NONE, ProtocolFeature.RARP),
    NET_SET_MTU(20, U64, null, NONE, ProtocolFeature.NET_MTU),
    SET_BACKEND_REQ_FD(21, EMPTY, null, ONE, ProtocolFeature.BACKEND_REQ),
    GET_CONFIG(24, CONFIG, CONFIG, NONE, ProtocolFeature.CONFIG),
    SET_CONFIG(25, CONFIG, null, NONE, ProtocolFeature.CONFIG),
    GET_INFLIGHT_FD(31, INFLIGHT, INFLIGHT, NONE, ProtocolFeature.INFLIGHT_SHMFD),
    SET_INFLIGHT_FD(32, INFLIGHT, null, ONE, ProtocolFeature.INFLIGHT_SHMFD),
    RESET_DEVICE(34, EMPTY, null, NONE, ProtocolFeature.RESET_DEVICE),
    GET_MAX_MEM_SLOTS(36, EMPTY, U64, NONE, ProtocolFeature.CONFIGURE_MEM_SLOTS),
    ADD_MEM_REG(37, SINGLE_REGION, null, ONE, ProtocolFeature.CONFIGURE_MEM_SLOTS),
    REM_MEM_REG(38, SINGLE_REGION, null, UP_TO_ONE, ProtocolFeature.CONFIGURE_MEM_SLOTS),
    SET_STATUS(39, U64, null, NONE, ProtocolFeature.STATUS),
    GET_STATUS(40, EMPTY, U64, NONE, ProtocolFeature.STATUS);

    private static final FrontEndRequest[] BY_CODE = new FrontEndRequest[64];

    static {
        for (FrontEndRequest request : values()) {
            BY_CODE[request.code] = request;
        }
    }

    final int code;
    final PayloadKind payload;
    /** Null: no reply of its own, an acknowledgement at most. */
    final PayloadKind reply;
    final FdRule fds;
    /** Null: always allowed. */
    final ProtocolFeature needs;

    FrontEndRequest(int code, PayloadKind payload, PayloadKind reply, FdRule fds, ProtocolFeature needs) {
        this.code = code;
        this.payload = payload;
        this.reply = reply;
        this.fds = fds;
        this.needs = needs;
    }

    /** @return null if there is no such request, or none that we know */
    static FrontEndRequest of(int code) {
        return code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
    }
}
