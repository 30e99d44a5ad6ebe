package org.netdev4j.virtio.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void everyConstantIsDescribedUnderItsOwnName() throws IllegalAccessException {
        int constants = 0;
        for (Field field : Errno.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
                int errno = field.getInt(null);
                assertEquals(field.getName(), Errno.name(errno));
                assertTrue(Errno.describe(errno).startsWith(field.getName() + " ("), Errno.describe(errno));
                constants++;
            }
        }
        assertTrue(constants > 20);
    }

    @Test
    void anUnknownErrnoIsItsNumber() {
        assertEquals("errno 131", Errno.name(131));
        assertEquals("errno 131", Errno.describe(131));
    }

    @Test
    void anExceptionSaysWhatFailedWhyAndWhatToDo() {
        ErrnoException plain = new ErrnoException("TUNSETIFF nd0", Errno.EBUSY);
        assertEquals("TUNSETIFF nd0: EBUSY (in use)", plain.getMessage());
        assertEquals(Errno.EBUSY, plain.errno());
        assertEquals("open /dev/net/tun: EACCES (permission denied): run as root",
                new ErrnoException("open /dev/net/tun", Errno.EACCES, "run as root").getMessage());
    }

    @Test
    void aNegativeResultIsThrownAndAnyOtherIsReturned() {
        assertEquals(0, ErrnoException.check("dup", 0));
        assertEquals(7, ErrnoException.check("dup", 7));
        assertEquals("dup: EBADF (bad file descriptor)",
                assertThrows(ErrnoException.class, () -> ErrnoException.check("dup", -Errno.EBADF)).getMessage());
    }

    @Test
    void theErrnoOfACallIsItsOwn() {
        assertEquals(-Errno.EBADF, FileCalls.close(-1));
        assertEquals(-Errno.ENOENT, FileCalls.open("/no/such/file", FileCalls.O_RDWR | FileCalls.O_CLOEXEC));
        assertEquals(-Errno.EINVAL, EventCalls.eventfd(0, -1));
    }
}
