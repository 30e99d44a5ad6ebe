package org.netdev4j.examples;

import java.util.Objects;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the version in the jar's manifest, and the JVM's. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "(unpackaged)");
        return new String[]{"netdev4j " + version + ", Java " + Runtime.version()};
    }
}
