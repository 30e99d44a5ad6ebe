package org.netdev4j.virtio.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A rule of virtio 1.4 in our words: a line of docs/conformance.tsv.
 *
 * @param group heading that the row stands under
 * @param section of the specification
 * @param who D the driver, V the device
 * @param level M must, MN must not, S should, SN should not, m may, - described
 * @param claim {@value #CLAIMED}, or why it is not
 * @param rule clauses separated by semicolons, numbered from 1
 */
record Row(String group, String id, String section, String who, String level, String claim, String rule) {
    static final String CLAIMED = "claimed";

    boolean isClaimed() {
        return claim.equals(CLAIMED);
    }

    int clauses() {
        return rule.split(";").length;
    }

    /** The rows of a file: a line of column names, then "# heading" lines and rows of tab-separated fields. */
    static List<Row> read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        List<Row> rows = new ArrayList<>();
        String group = "";
        for (String line : lines.subList(1, lines.size())) {
            if (line.startsWith("# ")) {
                group = line.substring(2);
                continue;
            }
            String[] fields = line.split("\t", -1);
            if (fields.length != 6) {
                throw new IOException(file + ": not 6 fields: " + line);
            }
            rows.add(new Row(group, fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]));
        }
        return rows;
    }
}
