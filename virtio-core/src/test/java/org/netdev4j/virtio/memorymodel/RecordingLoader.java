package org.netdev4j.virtio.memorymodel;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loads the classes of one package anew, with every access to a {@link MemorySegment} and every fence replaced by a call of
 * {@link Accesses}, and remembers where in the code the ordered ones are.
 */
public final class RecordingLoader extends ClassLoader {
    private static final ClassDesc ACCESSES = ClassDesc.of(Accesses.class.getName());
    private static final ClassDesc SEGMENT = ClassDesc.of(MemorySegment.class.getName());
    private static final ClassDesc HANDLE = ClassDesc.of(VarHandle.class.getName());
    private static final Map<String, String> SUFFIX = Map.of("S", "16", "I", "32", "J", "64");
    private static final Set<String> FENCES = Set.of("fullFence", "acquireFence", "releaseFence");

    private final String packagePrefix;
    private final String fields;
    private final List<Site> sites = new ArrayList<>();

    /**
     * A place in the code that asks for an order.
     *
     * @param count how many calls of the same name come before it in the method
     */
    public record Site(String type, String method, String call, int count) {
        @Override
        public String toString() {
            return type + "." + method + ": " + call + (count == 0 ? "" : " (number " + (count + 1) + ")");
        }
    }

    /**
     * A loader of all classes in the package of {@code fields}.
     *
     * @param fields the class whose static methods are the package's accesses; a call of one that ends in Acquire or Release
     *            is a site
     */
    public RecordingLoader(Class<?> fields) {
        super(fields.getClassLoader());
        this.packagePrefix = fields.getPackageName() + ".";
        this.fields = fields.getName();
    }

    /** The site of that index. */
    public Site site(int index) {
        return sites.get(index);
    }

    /** {@code type} anew, with what it uses of its package. */
    public Class<? extends TwoThreads> load(Class<? extends TwoThreads> type) {
        try {
            return loadClass(type.getName()).asSubclass(TwoThreads.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(packagePrefix)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] original;
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            original = in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        byte[] rewritten = rewrite(original, name);
        return defineClass(name, rewritten, 0, rewritten.length);
    }

    private byte[] rewrite(byte[] original, String name) {
        ClassFile file = ClassFile.of();
        ClassTransform transform = (builder, element) -> {
            if (element instanceof MethodModel method) {
                MethodRewriter rewriter = new MethodRewriter(name, method.methodName().stringValue());
                builder.transformMethod(method, MethodTransform.transformingCode(rewriter));
            } else {
                builder.with(element);
            }
        };
        return file.transformClass(file.parse(original), transform);
    }

    private final class MethodRewriter implements CodeTransform {
        private final String type;
        private final String method;
        private final List<String> seen = new ArrayList<>();

        MethodRewriter(String type, String method) {
            this.type = type;
            this.method = method;
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (!(element instanceof InvokeInstruction call)) {
                code.with(element);
                return;
            }
            String name = call.name().stringValue();
            ClassDesc owner = call.owner().asSymbol();
            MethodTypeDesc signature = call.typeSymbol();
            if (owner.equals(HANDLE) && FENCES.contains(name)) {
                markSite(code, name);
                code.invokestatic(ACCESSES, name, signature);
            } else if (owner.equals(HANDLE) && isAccess(name)) {
                code.loadConstant(name);
                code.invokestatic(ACCESSES, name.substring(0, 3) + suffix(signature),
                        signature.insertParameterTypes(0, HANDLE)
                                .insertParameterTypes(signature.parameterCount() + 1, ConstantDescs.CD_String));
            } else if (owner.equals(SEGMENT) && (name.equals("get") || name.equals("set"))) {
                code.invokestatic(ACCESSES, name + suffix(signature), signature.insertParameterTypes(0, SEGMENT));
            } else {
                if (isOrderedAccess(owner, name)) {
                    markSite(code, name);
                }
                code.with(element);
            }
        }

        private boolean isOrderedAccess(ClassDesc owner, String name) {
            return owner.equals(ClassDesc.of(fields)) && (name.endsWith("Acquire") || name.endsWith("Release"));
        }

        private void markSite(CodeBuilder code, String name) {
            Site site = new Site(type.substring(packagePrefix.length()), method, name,
                    Collections.frequency(seen, name));
            seen.add(name);
            if (!sites.contains(site)) {
                sites.add(site);
            }
            code.loadConstant(sites.indexOf(site));
            code.invokestatic(ACCESSES, "site", MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int));
        }
    }

    private static boolean isAccess(String name) {
        return name.startsWith("get") || name.startsWith("set");
    }

    /** Width in bits of what is read or written. */
    private static String suffix(MethodTypeDesc signature) {
        ClassDesc value = signature.returnType().equals(ConstantDescs.CD_void)
                ? signature.parameterType(signature.parameterCount() - 1)
                : signature.returnType();
        String suffix = SUFFIX.get(value.descriptorString());
        if (suffix == null) {
            throw new IllegalArgumentException("the memory model does not know accesses of " + value.displayName());
        }
        return suffix;
    }
}
