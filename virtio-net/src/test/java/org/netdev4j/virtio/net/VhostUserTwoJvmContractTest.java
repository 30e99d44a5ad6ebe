package org.netdev4j.virtio.net;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.NetDevContract;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.linux.SharedMemory;

/** The compatibility kit with our front-end in this JVM and our back-end in another. */
@ParameterizedClass(name = "{0} pairs, {1}")
@CsvSource(delimiter = '|', textBlock = """
        2 | ring=split
        2 | ring=packed,features=-MRG_RXBUF-IN_ORDER
        """)
class VhostUserTwoJvmContractTest extends NetDevContract {
    private static ServedLoopbackProcess backEnd;

    @TempDir
    Path directory;

    private final int pairs;
    private final String options;

    VhostUserTwoJvmContractTest(int pairs, String options) {
        this.pairs = pairs;
        this.options = options;
    }

    @BeforeAll
    static void startBackEnd() throws IOException {
        backEnd = new ServedLoopbackProcess();
    }

    @AfterAll
    static void stopBackEnd() throws IOException {
        backEnd.close();
    }

    @Override
    protected NetDevOps open() {
        Path socket = directory.resolve("s");
        backEnd.serve(socket, pairs);
        return new VirtioNetDevices().open(DeviceString.parse(
                "vhost-user:" + socket + ",size=16,queues=" + pairs + "," + options));
    }

    @Override
    public boolean worksByItself() {
        return true;
    }

    @Override
    public MemoryRegion memoryOfOthers(String name, long bytes) {
        return SharedMemory.allocate(name, bytes);
    }

    @Override
    protected void settle() {
        backEnd.settle();
    }
}
