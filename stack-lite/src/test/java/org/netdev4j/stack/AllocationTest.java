package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;
import com.sun.management.ThreadMXBean;

class AllocationTest {
    private static final int BURSTS = 200;
    private static final int ATTEMPTS = 300;

    @Test
    void answeringAndDroppingAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ReplayingDevice device = new ReplayingDevice(Frames.echoRequest(7, 1, Frames.pattern(56)),
                Frames.datagram(40000, 7, Frames.pattern(1400)),
                Frames.arpRequest(Frames.PEER_MAC, Frames.PEER_IP, Frames.OUR_IP), new byte[7],
                Frames.with(Frames.datagram(40000, 7, Frames.pattern(20)), 50, 0x55));
        try (Host host = new Host(device)) {
            host.stack.bindUdp(7, UdpDatagram::echo);
            long fewest = Long.MAX_VALUE;
            for (int attempt = 0; attempt < ATTEMPTS && fewest > 0; attempt++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < BURSTS; i++) {
                    host.stack.doWork();
                }
                fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, fewest, "bytes in " + BURSTS + " bursts, compiled code included");
            assertTrue(device.transmitted > BURSTS);
        }
    }

    /** Receives the same frames over and over, and is done with what it is given at once. */
    private static final class ReplayingDevice extends CapturedDevice {
        private final MemorySegment[] frames;
        private int next;
        private long transmitted;

        ReplayingDevice(byte[]... frames) {
            super(Frames.OUR_MAC, 1500);
            this.frames = new MemorySegment[frames.length];
            for (int i = 0; i < frames.length; i++) {
                this.frames[i] = Arena.ofAuto().allocate(frames[i].length);
                this.frames[i].copyFrom(MemorySegment.ofArray(frames[i]));
            }
        }

        @Override
        public RxQueue configureRxQueue(int index, RxQueueConfig config) {
            super.configureRxQueue(index, config);
            return new RxQueue(index) {
                @Override
                protected int receiveBurst(NetBuf[] bufs, int from, int count) {
                    for (int i = 0; i < count; i++) {
                        MemorySegment frame = frames[next++ % frames.length];
                        int length = (int) frame.byteSize();
                        NetBuf buf = pool.allocate();
                        buf.append(length);
                        buf.copyFrom(0, frame, 0, length);
                        bufs[from + i] = buf;
                    }
                    return count;
                }

                @Override
                protected boolean arm() {
                    return false;
                }

                @Override
                protected void disarm() {}

                @Override
                protected void raise() {}
            };
        }

        @Override
        public TxQueue configureTxQueue(int index, TxQueueConfig config) {
            return new TxQueue(index) {
                @Override
                protected int transmitBurst(NetBuf[] bufs, int from, int count) {
                    NetBuf.free(bufs, from, count);
                    transmitted += count;
                    return count;
                }

                @Override
                protected int reclaimCompleted() {
                    return 0;
                }

                @Override
                protected int freeSlots() {
                    return Integer.MAX_VALUE;
                }

                @Override
                protected boolean arm() {
                    return false;
                }

                @Override
                protected void disarm() {}

                @Override
                protected void raise() {}
            };
        }
    }
}
