package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.queue.DescriptorChain;

/**
 * The bytes of a buffer of the driver's behind the virtio-net header, wherever the driver split it: the header may share a
 * descriptor with the frame or span several (virtio 1.4 §2.7.4.1).
 */
final class ChainFrame implements Frame {
    private final OffloadRequest offload = new OffloadRequest();
    private DescriptorChain chain;
    private int first;
    private int skip;
    private int pieces;
    private int length;

    /** Shows what the driver wrote; {@code chain} has at least a header of readable bytes. */
    void showReadable(DescriptorChain source) {
        show(source, 0, source.readable(), source.readableLength());
    }

    /** Shows where the device may write; {@code chain} has at least a header of writable bytes. */
    void showWritable(DescriptorChain target) {
        show(target, target.readable(), target.size(), target.writableLength());
    }

    /** Shows no memory at all. */
    void showNothing() {
        pieces = 0;
        length = 0;
    }

    private void show(DescriptorChain shown, int begin, int end, int bytes) {
        int piece = begin;
        int header = NetHeader.LENGTH;
        while (piece < end && shown.length(piece) <= header) {
            header -= shown.length(piece);
            piece++;
        }
        chain = shown;
        first = piece;
        skip = header;
        pieces = end - piece;
        length = bytes - NetHeader.LENGTH;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int pieces() {
        return pieces;
    }

    @Override
    public MemorySegment segment(int piece) {
        return chain.segment(first + piece);
    }

    @Override
    public long offset(int piece) {
        long offset = chain.offset(first + piece);
        return piece == 0 ? offset + skip : offset;
    }

    @Override
    public int length(int piece) {
        int bytes = chain.length(first + piece);
        return piece == 0 ? bytes - skip : bytes;
    }

    @Override
    public OffloadRequest offload() {
        return offload;
    }
}
