package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.queue.DescriptorChain;

/**
 * The bytes of a buffer of the driver's behind the virtio-net header, wherever the driver split it: the header may share a
 * descriptor with the frame or span several (virtio 1.4 §2.7.4.1).
 */
final class ChainFrame implements Frame {
    private final OffloadRequest offload = new OffloadRequest();
    private final int pair;
    private DescriptorChain chain;
    private int first;
    private int skip;
    private int pieces;
    private int length;

    /** @param pair the queue pair whose buffers it shows */
    ChainFrame(int pair) {
        this.pair = pair;
    }

    /** Shows what the driver wrote behind {@code header} bytes; {@code chain} has at least those. */
    void showReadable(DescriptorChain source, int header) {
        show(source, 0, source.readable(), source.readableLength(), header);
    }

    /** Shows where the device may write behind {@code header} bytes; {@code chain} has at least those. */
    void showWritable(DescriptorChain target, int header) {
        show(target, target.readable(), target.size(), target.writableLength(), header);
    }

    /** Shows no memory at all. */
    void showNothing() {
        pieces = 0;
        length = 0;
    }

    private void show(DescriptorChain shown, int begin, int end, int bytes, int header) {
        int piece = begin;
        int left = header;
        while (piece < end && shown.length(piece) <= left) {
            left -= shown.length(piece);
            piece++;
        }
        chain = shown;
        first = piece;
        skip = left;
        pieces = end - piece;
        length = bytes - header;
    }

    @Override
    public int pair() {
        return pair;
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
