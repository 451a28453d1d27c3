package io.github.moa4j.examples.study.reliability.disk;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Iterator;

/** A path of a {@link WatchedDisk}: the real one, but for the file system that it belongs to. */
final class WatchedPath implements InvocationHandler {

  private final WatchedDisk disk;
  private final Path real;

  private WatchedPath(WatchedDisk disk, Path real) {
    this.disk = disk;
    this.real = real;
  }

  static Path of(WatchedDisk disk, Path real) {
    return (Path)
        Proxy.newProxyInstance(
            WatchedPath.class.getClassLoader(),
            new Class<?>[] {Path.class},
            new WatchedPath(disk, real));
  }

  /** Returns the real path of a watched one, and any other as it is. */
  static Path real(Path path) {
    return Proxy.isProxyClass(path.getClass())
            && Proxy.getInvocationHandler(path) instanceof WatchedPath watched
        ? watched.real
        : path;
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("getFileSystem")) {
      return disk;
    }
    Object[] own = arguments == null ? new Object[0] : arguments.clone();
    for (int i = 0; i < own.length; i++) {
      if (own[i] instanceof Path path) {
        own[i] = real(path);
      }
    }
    try {
      return wrap(method.invoke(real, own));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Object wrap(Object result) {
    if (result instanceof Path path) {
      return of(disk, path);
    }
    if (result instanceof Iterator<?> names) {
      return new Iterator<Object>() {
        @Override
        public boolean hasNext() {
          return names.hasNext();
        }

        @Override
        public Object next() {
          return wrap(names.next());
        }
      };
    }
    return result;
  }
}
