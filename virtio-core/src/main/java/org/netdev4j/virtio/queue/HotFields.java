package org.netdev4j.virtio.queue;

/**
 * Space in front of the fields that an end of a queue writes for every buffer: the object before it in the heap may be the other
 * end, busy on another thread. The JVM puts the fields of a superclass first.
 */
abstract sealed class HotFields permits Virtqueue, DeviceQueue {
    long apart0;
    long apart1;
    long apart2;
    long apart3;
    long apart4;
    long apart5;
    long apart6;
    long apart7;
    long apart8;
    long apart9;
    long apart10;
    long apart11;
    long apart12;
    long apart13;
    long apart14;
    long apart15;

    HotFields() {}
}
