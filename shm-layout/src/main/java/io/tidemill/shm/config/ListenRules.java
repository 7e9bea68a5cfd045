package io.tidemill.shm.config;

import java.util.Map;

/**
 * Which settings of who may connect go together. Beyond loopback nobody is served in the clear, and
 * nobody without credentials: an instance that would do that does not start.
 */
final class ListenRules {
  private static final String HOW = "; docs/security.md has the steps, or set bind.host=127.0.0.1";

  private final Map<Key, String> values;

  private ListenRules(Map<Key, String> values) {
    this.values = values;
  }

  /**
   * @throws SettingsException with a sentence that says what is missing
   */
  static void check(Map<Key, String> values) {
    ListenRules rules = new ListenRules(values);
    rules.checkPairs();
    rules.checkRoles();
    if (!isLoopback(values.get(Key.BIND_HOST)) && !values.get(Key.BIND_UNIX).equals("only")) {
      rules.checkBeyondLoopback();
    }
  }

  private void checkPairs() {
    if (isSet(Key.TLS_CERTIFICATE) != isSet(Key.TLS_KEY)) {
      throw new SettingsException("tls.certificate and tls.key go together: set both, or neither");
    }
    boolean asked = !values.get(Key.TLS_CLIENT_AUTH).equals("none");
    if (asked && !(isSet(Key.TLS_CERTIFICATE) && isSet(Key.TLS_CLIENT_CA))) {
      throw new SettingsException(
          "tls.client.auth="
              + values.get(Key.TLS_CLIENT_AUTH)
              + " needs tls.certificate, tls.key and tls.client.ca: set them, or"
              + " tls.client.auth=none");
    }
    if (!asked && isSet(Key.TLS_CLIENT_CA)) {
      throw new SettingsException(
          "tls.client.ca has no effect with tls.client.auth=none; say optional or required");
    }
  }

  private void checkRoles() {
    String roles = values.get(Key.TLS_CLIENT_ROLES);
    if (!roles.matches("|(submit|work|admin)( *, *(submit|work|admin))*")) {
      throw new SettingsException(
          "tls.client.roles="
              + roles
              + " is not known; say submit, work, admin, or several with commas between");
    }
  }

  private void checkBeyondLoopback() {
    String where = "bind.host=" + values.get(Key.BIND_HOST) + " is beyond loopback";
    if (!isSet(Key.TLS_CERTIFICATE)) {
      throw new SettingsException(
          where + ", and there is no TLS: set tls.certificate and tls.key" + HOW);
    }
    boolean certificates = !values.get(Key.TLS_CLIENT_AUTH).equals("none");
    if (!certificates && !isSet(Key.TOKENS_FILE)) {
      throw new SettingsException(
          where
              + ", and nobody is asked who they are: set tokens.file, or tls.client.ca and"
              + " tls.client.auth=required"
              + HOW);
    }
  }

  private boolean isSet(Key key) {
    return !values.get(key).isEmpty();
  }

  /** By its text: a name could mean anything by the time that it is used. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.equals("::1")
        || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }
}
