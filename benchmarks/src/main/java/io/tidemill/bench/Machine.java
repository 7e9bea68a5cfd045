package io.tidemill.bench;

import com.google.gson.JsonObject;

/** Where and with what a figure was taken. */
public final class Machine {
  private Machine() {}

  public static JsonObject json() {
    JsonObject object = new JsonObject();
    object.addProperty("cores", Runtime.getRuntime().availableProcessors());
    object.addProperty("arch", System.getProperty("os.arch"));
    object.addProperty("kernel", System.getProperty("os.version"));
    object.addProperty("java", System.getProperty("java.vm.version"));
    return object;
  }

  public static String line() {
    return Runtime.getRuntime().availableProcessors()
        + " cores, "
        + System.getProperty("os.arch")
        + ", Linux "
        + System.getProperty("os.version")
        + ", Java "
        + System.getProperty("java.vm.version");
  }
}
