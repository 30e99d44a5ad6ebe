package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.linux.UnixListener;
import org.netdev4j.virtio.linux.UnixSocket;

/** A back-end that answers as it is told to, writes down what it was asked, and keeps what it was sent. */
final class ScriptedBackEnd implements AutoCloseable {
    static final Features DEVICE = Features.NONE.with(0).with(32).with(Session.PROTOCOL_FEATURES).with(26);

    /** What it was asked, {@code "SET_FEATURES 0x140000000"}. */
    final List<String> requests = new CopyOnWriteArrayList<>();
    /** By vring. */
    final EventFd[] kick = new EventFd[8];
    final EventFd[] call = new EventFd[8];
    final List<Payload.VringAddress> addresses = new CopyOnWriteArrayList<>();
    final List<MemoryRegion> memory = new ArrayList<>();
    private final List<EventFd> received = new CopyOnWriteArrayList<>();

    volatile Features features = DEVICE;
    volatile Features protocol = Features.of(ProtocolFeature.REPLY_ACK, ProtocolFeature.STATUS, ProtocolFeature.MQ);
    volatile long pairs = 1;
    volatile long memorySlots = 32;
    /** Its device configuration. */
    volatile byte[] config = {1, 2, 3, 4};
    /** The connection for its own requests, once it has one. */
    volatile MessageChannel asking;
    /** The request to refuse, leave without an answer, answer with another's, or answer by hanging up; or null. */
    volatile FrontEndRequest refuse;
    volatile FrontEndRequest ignore;
    volatile FrontEndRequest confuse;
    volatile FrontEndRequest hangUp;
    /** The request to answer with these bytes, and with a descriptor if so wanted. */
    volatile FrontEndRequest garble;
    volatile byte[] garbage = {};
    volatile boolean withDescriptor;
    /** Hangs up with that request of a connection, counted from 1; 0: never. */
    volatile int hangUpAt;
    /** Bits that FEATURES_OK and the like are read back without. */
    volatile long statusMask = -1;
    /** Bits that the status is read back with. */
    volatile long setStatus;

    private final UnixListener listener;
    private final Thread thread;
    private volatile boolean closed;
    private volatile UnixSocket socket;
    private long status;
    private int seen;

    private ScriptedBackEnd(UnixListener listener, UnixSocket connected) {
        this.listener = listener;
        socket = connected;
        thread = Thread.ofPlatform().daemon().name("scripted back-end").start(this::run);
    }

    static ScriptedBackEnd listen(Path path) {
        return new ScriptedBackEnd(UnixListener.bind(path), null);
    }

    static ScriptedBackEnd connect(Path path) {
        return new ScriptedBackEnd(null, UnixSocket.connect(path));
    }

    private void run() {
        while (!closed) {
            try {
                if (socket == null) {
                    listener.awaitConnection(TimeUnit.MILLISECONDS.toNanos(100));
                    socket = listener.accept();
                }
                UnixSocket connection = socket;
                if (connection != null) {
                    serve(connection, new MessageChannel(connection, TimeUnit.SECONDS.toNanos(5)));
                }
            } catch (VhostUserException | ErrnoException oneEndIsClosed) {
                hangUp();
                if (listener == null) {
                    closed = true;
                }
            }
        }
        hangUp();
    }

    void hangUp() {
        UnixSocket now = socket;
        if (now != null) {
            socket = null;
            now.close();
        }
    }

    private void serve(UnixSocket connection, MessageChannel channel) {
        seen = 0;
        while (!closed) {
            Message message = channel.poll();
            if (message == null) {
                connection.awaitReadable(TimeUnit.MILLISECONDS.toNanos(100));
            } else {
                try (message) {
                    answer(channel, FrontEndRequest.of(message.header().request()), message);
                }
            }
        }
    }

    private void answer(MessageChannel channel, FrontEndRequest request, Message message) {
        Payload payload = request.payload.read(message.body());
        requests.add(describe(request, payload));
        seen++;
        if (request == hangUp || seen == hangUpAt) {
            throw new VhostUserException("as told");
        }
        Payload reply = handle(request, payload, message);
        boolean acknowledged = request.reply == null;
        if (request == ignore || (acknowledged && !message.header().needsReply())) {
            return;
        }
        if (request == garble) {
            sendGarbage();
            return;
        }
        int code = request == confuse ? request.code + 1 : request.code;
        channel.send(code, MessageHeader.REPLY,
                acknowledged ? new Payload.U64(request == refuse ? 1 : 0) : reply);
    }

    private void sendGarbage() {
        try (EventFd extra = EventFd.create(); Arena arena = Arena.ofConfined()) {
            socket.send(arena.allocateFrom(JAVA_BYTE, garbage), withDescriptor ? new int[]{extra.fd()} : new int[0]);
        }
    }

    private static String describe(FrontEndRequest request, Payload payload) {
        return switch (payload) {
            case Payload.Empty _ -> request.name();
            case Payload.U64 number -> request + " 0x" + Long.toHexString(number.value());
            case Payload.VringState state -> request + " " + state.index() + ":" + state.number();
            case Payload.VringAddress address -> request + " " + address.index();
            case Payload.SingleRegion single -> request + " " + single.region().size();
            case Payload.MemoryTable table -> request + " " + table.regions().size();
            default -> request + " ...";
        };
    }

    private Payload handle(FrontEndRequest request, Payload payload, Message message) {
        switch (request) {
            case GET_FEATURES -> {
                return new Payload.U64(features.low());
            }
            case GET_PROTOCOL_FEATURES -> {
                return new Payload.U64(protocol.low());
            }
            case GET_QUEUE_NUM -> {
                return new Payload.U64(pairs);
            }
            case SET_STATUS -> status = ((Payload.U64) payload).value();
            case GET_STATUS -> {
                return new Payload.U64((status & statusMask) | setStatus);
            }
            case GET_MAX_MEM_SLOTS -> {
                return new Payload.U64(memorySlots);
            }
            case GET_CONFIG -> {
                return new Payload.Config(0, 0, config);
            }
            case SET_BACKEND_REQ_FD -> askOn(message.fds().takeSocket(0));
            case GET_VRING_BASE -> {
                return payload;
            }
            case SET_VRING_ADDR -> addresses.add((Payload.VringAddress) payload);
            case SET_VRING_KICK -> kick[((Payload.U64) payload).vring()] = keep(message);
            case SET_VRING_CALL -> call[((Payload.U64) payload).vring()] = keep(message);
            case SET_MEM_TABLE -> map((Payload.MemoryTable) payload, message);
            default -> {
                return Payload.EMPTY;
            }
        }
        return Payload.EMPTY;
    }

    private void askOn(UnixSocket connection) {
        stopAsking();
        asking = new MessageChannel(connection, TimeUnit.SECONDS.toNanos(5));
    }

    private void stopAsking() {
        MessageChannel now = asking;
        if (now != null) {
            asking = null;
            now.close();
        }
    }

    private EventFd keep(Message message) {
        EventFd event = message.fds().takeEventFd(0);
        received.add(event);
        return event;
    }

    private void map(Payload.MemoryTable table, Message message) {
        memory.forEach(MemoryRegion::close);
        memory.clear();
        for (int i = 0; i < table.regions().size(); i++) {
            Payload.Region region = table.regions().get(i);
            memory.add(SharedMemory.map("region " + i, message.fds().number(i), region.fileOffset(), region.size(),
                    region.guestAddress()));
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (listener != null) {
            listener.close();
        }
        stopAsking();
        received.forEach(EventFd::close);
        memory.forEach(MemoryRegion::close);
    }
}
