package org.netdev4j.virtio.killing;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** Loads the classes of one package anew, with a {@link KillPoint} before every write to a {@link MemorySegment}. */
public final class KillingLoader extends ClassLoader {
    private static final ClassDesc POINT = ClassDesc.of(KillPoint.class.getName());
    private static final ClassDesc SEGMENT = ClassDesc.of(MemorySegment.class.getName());
    private static final ClassDesc HANDLE = ClassDesc.of(VarHandle.class.getName());

    private final String packagePrefix;

    /** A loader of all classes in the package of {@code member}. */
    public KillingLoader(Class<?> member) {
        super(member.getClassLoader());
        packagePrefix = member.getPackageName() + ".";
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
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            ClassFile file = ClassFile.of();
            CodeTransform points = (code, element) -> {
                if (isWrite(element)) {
                    code.invokestatic(POINT, "reached", MethodTypeDesc.of(ConstantDescs.CD_void));
                }
                code.with(element);
            };
            byte[] rewritten = file.transformClass(file.parse(in.readAllBytes()),
                    ClassTransform.transformingMethodBodies(points));
            return defineClass(name, rewritten, 0, rewritten.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private static boolean isWrite(CodeElement element) {
        if (!(element instanceof InvokeInstruction call) || !call.name().stringValue().startsWith("set")) {
            return false;
        }
        ClassDesc owner = call.owner().asSymbol();
        return owner.equals(HANDLE) || owner.equals(SEGMENT);
    }
}
