package org.netdev4j.netdev;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads one {@link DeviceString} from left to right. */
final class DeviceStringParser {
    private static final String WORD = "a word of lower-case letters, digits and hyphens";

    private final String text;
    private int position;

    DeviceStringParser(String text) {
        this.text = text;
    }

    DeviceString parse() {
        String kind = word("the kind of device", ":,");
        String address = "";
        if (takes(':')) {
            address = upTo(",");
            if (address.isEmpty()) {
                throw expected("an address after \":\"", position);
            }
        }
        Map<String, String> options = new LinkedHashMap<>();
        while (takes(',')) {
            option(options);
        }
        return new DeviceString(kind, address, options);
    }

    private void option(Map<String, String> options) {
        int start = position;
        String key = word("the name of an option", "=,");
        String value = "";
        if (takes('=')) {
            value = upTo(",");
            if (value.isEmpty()) {
                throw expected("a value for option " + key, position);
            }
        }
        if (options.putIfAbsent(key, value) != null) {
            throw error("option " + key + " is given twice", start);
        }
    }

    private String word(String what, String ends) {
        int start = position;
        String word = upTo(ends);
        if (!DeviceString.isWord(word)) {
            throw expected(what + ", " + WORD, start);
        }
        return word;
    }

    private String upTo(String ends) {
        int start = position;
        while (position < text.length() && ends.indexOf(text.charAt(position)) < 0) {
            position++;
        }
        return text.substring(start, position);
    }

    private boolean takes(char c) {
        boolean there = position < text.length() && text.charAt(position) == c;
        if (there) {
            position++;
        }
        return there;
    }

    private DeviceStringException expected(String what, int at) {
        return error("expected " + what, at);
    }

    private DeviceStringException error(String message, int at) {
        return new DeviceStringException("device \"" + text + "\", position " + at + ": " + message
                + "; the form is KIND[:ADDRESS][,key=value...]");
    }
}
