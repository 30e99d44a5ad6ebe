package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is true. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\((?!https?://)([^)#]+)");
    private static final Pattern COMMAND = Pattern.compile("examples/netdev4j (\\w+)");

    @TempDir
    private Path directory;

    @Test
    void theProgramCompilesAndItsFramesComeBack() throws Exception {
        Matcher block = JAVA_BLOCK.matcher(readme());
        assertTrue(block.find(), "no java block");
        Path source = Files.writeString(directory.resolve("TwoFrames.java"), block.group(1));

        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean compiled = compiler.getTask(messages, null, null,
                List.of("-d", directory.toString(), "-Xlint:all", "-Werror", "-proc:none", "-cp",
                        System.getProperty("java.class.path")),
                null, compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source)).call();
        assertTrue(compiled, messages.toString());

        assertEquals("2 frames came back\n", run("TwoFrames"));
    }

    @Test
    void itsLinksLeadToFilesOfTheRepository() throws IOException {
        Matcher link = LINK.matcher(readme());
        while (link.find()) {
            assertTrue(Files.exists(ROOT.resolve(link.group(1))), link.group(1));
        }
    }

    @Test
    void itsCommandsExist() throws IOException {
        Matcher command = COMMAND.matcher(readme());
        while (command.find()) {
            StringWriter messages = new StringWriter();
            assertEquals(0, Main.run(new PrintWriter(messages), new PrintWriter(messages), command.group(1), "--help"),
                    messages.toString());
        }
    }

    private String run(String className) throws Exception {
        PrintStream standardOut = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (URLClassLoader loader = new URLClassLoader(new URL[]{directory.toUri().toURL()},
                getClass().getClassLoader())) {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            loader.loadClass(className).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(standardOut);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }
}
