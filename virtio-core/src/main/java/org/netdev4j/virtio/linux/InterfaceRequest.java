package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * netdevice(7): requests about a network interface by name, in the network namespace of the calling thread. {@code struct
 * ifreq} is 40 bytes: the name in 16, then a union.
 */
final class InterfaceRequest {
    static final int NAME_BYTES = 16;
    static final int IFREQ_BYTES = 40;

    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    /** Offset of the address in the {@code struct sockaddr} of SIOCGIFHWADDR. */
    private static final int HARDWARE_ADDRESS = NAME_BYTES + 2;

    private static final MethodHandle SOCKET = Libc.bind("socket",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

    private InterfaceRequest() {}

    /** @throws IllegalArgumentException if Linux would not take {@code name} for an interface */
    static void checkName(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        boolean legal = name.chars().noneMatch(c -> c <= ' ' || c == '/' || c == ':' || c == 0x7f);
        if (bytes < 1 || bytes >= NAME_BYTES || !legal || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no interface name: 1..15 bytes without '/', ':' or space");
        }
    }

    /** The calling thread's {@code struct ifreq}, zeroed but for the name. */
    static MemorySegment named(String name) {
        MemorySegment request = CallState.current().scratch.asSlice(0, IFREQ_BYTES);
        request.fill((byte) 0);
        request.setString(0, name);
        return request;
    }

    static int flags(String name) {
        MemorySegment request = named(name);
        run("SIOCGIFFLAGS", SIOCGIFFLAGS, name, request);
        return Short.toUnsignedInt(request.get(JAVA_SHORT, NAME_BYTES));
    }

    static void flags(String name, int flags) {
        MemorySegment request = named(name);
        request.set(JAVA_SHORT, NAME_BYTES, (short) flags);
        run("SIOCSIFFLAGS", SIOCSIFFLAGS, name, request);
    }

    static int mtu(String name) {
        MemorySegment request = named(name);
        run("SIOCGIFMTU", SIOCGIFMTU, name, request);
        return request.get(JAVA_INT, NAME_BYTES);
    }

    static void mtu(String name, int mtu) {
        MemorySegment request = named(name);
        request.set(JAVA_INT, NAME_BYTES, mtu);
        run("SIOCSIFMTU " + mtu, SIOCSIFMTU, name, request);
    }

    static byte[] hardwareAddress(String name) {
        MemorySegment request = named(name);
        run("SIOCGIFHWADDR", SIOCGIFHWADDR, name, request);
        return request.asSlice(HARDWARE_ADDRESS, 6).toArray(JAVA_BYTE);
    }

    private static void run(String what, long number, String name, MemorySegment request) {
        int socket = ErrnoException.check("socket for " + what, socket());
        int result;
        try {
            result = FileCalls.ioctl(socket, number, request);
        } finally {
            FileCalls.close(socket);
        }
        if (result == -Errno.EPERM) {
            throw new ErrnoException(what + " " + name, Errno.EPERM, TapFd.BECOME_ROOT);
        }
        ErrnoException.check(what + " " + name, result);
    }

    private static int socket() {
        CallState state = CallState.current();
        try {
            return state.result((int) SOCKET.invokeExact(state.capture, AF_INET, SOCK_DGRAM_CLOEXEC, 0));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
