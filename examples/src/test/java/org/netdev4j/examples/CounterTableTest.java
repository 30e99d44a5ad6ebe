package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

import org.junit.jupiter.api.Test;

class CounterTableTest {
    private final StringWriter out = new StringWriter();

    @Test
    void hostsSideBySideLayerByLayerWithoutWhatNeverHappened() {
        CounterTable table = new CounterTable();
        table.add("client", "stack", Map.of("requests sent", 10L));
        table.add("client", "netdev", Map.of("rx packets", 11L));
        table.add("server", "stack", Map.of("requests answered", 10L));
        table.add("server", "netdev", Map.of("rx packets", 12L));
        table.add("server", "device", Map.of("errors", 0L));
        table.print(new PrintWriter(out));
        assertEquals("""
                                          client       server
                stack
                  requests sent               10
                  requests answered                        10
                netdev
                  rx packets                  11           12
                """, out.toString());
    }
}
