package org.netdev4j.virtio.transport.vhostuser;

/** What a back-end asks of a front-end, on a connection of its own. */
enum BackEndRequest {
    /** The device configuration changed: read it again. */
    CONFIG_CHANGE(2);

    final int code;

    BackEndRequest(int code) {
        this.code = code;
    }
}
