package io.tidemill.plm;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import net.openhft.chronicle.values.ValueModel;

/**
 * A step of the build: makes the class that Chronicle Map would otherwise write the source of and
 * compile in every PLM, at each start. It asks its class loader first. Without this step all works
 * as well, but on a JDK only, and a start takes a third of a second of processor time more.
 */
final class MapClasses {
  private static final String PACKAGE = "net.openhft.chronicle.hash";

  /** What each Chronicle Map keeps at the head of its file. */
  private static final String STATE = "VanillaGlobalMutableState";

  /** The class that reads and writes it. */
  static final String STATE_CLASS = PACKAGE + "." + STATE + ValueModel.$$NATIVE;

  private MapClasses() {}

  /** OUTPUT: the folder of this module's classes. */
  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    Path output = Path.of(arguments[0]);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(output));
      List<String> options = List.of("-proc:none", "-nowarn", "-Xlint:none", "--release", "17");
      if (!compiler.getTask(null, files, null, options, null, List.of(source())).call()) {
        throw new IOException("what Chronicle Values generates does not compile: " + STATE_CLASS);
      }
    }
  }

  /** Chronicle Values offers its generator to nobody. */
  private static SimpleJavaFileObject source() throws ReflectiveOperationException {
    ValueModel model = ValueModel.acquire(Class.forName(PACKAGE + "." + STATE));
    Method generate =
        Class.forName("net.openhft.chronicle.values.Generators")
            .getDeclaredMethod("generateNativeClass", ValueModel.class, String.class);
    generate.setAccessible(true);
    String text = (String) generate.invoke(null, model, STATE + ValueModel.$$NATIVE);
    URI place = URI.create("string:///" + STATE_CLASS.replace('.', '/') + Kind.SOURCE.extension);
    return new SimpleJavaFileObject(place, Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }
}
