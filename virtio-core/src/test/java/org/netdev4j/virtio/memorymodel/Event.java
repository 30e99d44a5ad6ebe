package org.netdev4j.virtio.memorymodel;

/** What a thread does next that another can notice. Offsets and lengths in bytes of the shared memory, both even. */
sealed interface Event {
    record Load(int offset, int bytes, Order order) implements Event {}

    record Store(int offset, int bytes, long value, Order order) implements Event {}

    record Fence(FenceKind kind) implements Event {}

    /** Rings a bell, as a write to an eventfd does. */
    record Ring(int bell) implements Event {}

    /** Sleeps until the bell was rung, and quiets it. */
    record Sleep(int bell) implements Event {}

    /** The thread is done. */
    record End() implements Event {}

    /** The thread went on for longer than is followed. */
    record TooLong() implements Event {}

    /** The thread saw what it must not see. */
    record Failure(String what) implements Event {}

    /** The memory order of one access: acquire if it is a load, release if it is a store. */
    enum Order {
        PLAIN, OPAQUE, ORDERED
    }

    /** As the methods of {@link java.lang.invoke.VarHandle} that are called so. */
    enum FenceKind {
        FULL, ACQUIRE, RELEASE
    }
}
