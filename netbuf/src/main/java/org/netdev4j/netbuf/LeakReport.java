package org.netdev4j.netbuf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is logged when a pool is closed before its buffers came back: the buffers, by the place that allocated them. */
final class LeakReport {
    private static final int MAX_PLACES = 10;

    private LeakReport() {}

    static String of(NetBufPool pool, List<HeldBuffer> held) {
        Map<List<StackTraceElement>, List<HeldBuffer>> places = new LinkedHashMap<>();
        for (HeldBuffer buffer : held) {
            List<StackTraceElement> place = buffer.allocated() == null
                    ? List.of()
                    : Arrays.asList(buffer.allocated().getStackTrace());
            places.computeIfAbsent(place, none -> new ArrayList<>()).add(buffer);
        }
        StringBuilder text = new StringBuilder().append(pool).append(" is closed while ").append(held.size())
                .append(" of its buffers are held");
        places.entrySet().stream().sorted((a, b) -> b.getValue().size() - a.getValue().size()).limit(MAX_PLACES)
                .forEach(place -> describe(text, place.getKey(), place.getValue()));
        return text.toString();
    }

    private static void describe(StringBuilder text, List<StackTraceElement> place, List<HeldBuffer> held) {
        if (place.isEmpty()) {
            text.append("\n").append(held.size()).append(" whose allocation was not sampled");
            return;
        }
        text.append("\n").append(held.size()).append(" like this one: ")
                .append(held.getFirst().allocated().getMessage());
        for (StackTraceElement frame : place) {
            text.append("\n\tat ").append(frame);
        }
    }
}
