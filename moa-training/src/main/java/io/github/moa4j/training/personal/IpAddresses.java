package io.github.moa4j.training.personal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses of the internet. Those of one's own machine and masks of networks name nobody. */
final class IpAddresses {

  private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String V4 = BYTE + "(?:\\." + BYTE + "){3}";
  private static final Pattern VERSION_4 =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}.:])(?!0\\.|127\\.|255\\.)" + V4 + "(?!\\.?[\\p{L}\\p{N}])");
  private static final Pattern DOTTED = Pattern.compile(V4);
  private static final Pattern VERSION_6 =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}.:])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?:[0-9.]{6,14})?"
              + "(?:%[A-Za-z0-9]{1,16})?(?![\\p{L}\\p{N}:])");

  private IpAddresses() {}

  static List<Span> in(String text) {
    List<Span> found = new ArrayList<>();
    Matcher four = VERSION_4.matcher(text);
    while (four.find()) {
      found.add(new Span(four.start(), four.end()));
    }
    Matcher six = VERSION_6.matcher(text);
    while (six.find()) {
      int end = six.end();
      while (end > six.start()
          && ".:".indexOf(text.charAt(end - 1)) >= 0
          && !text.substring(six.start(), end).endsWith("::")) {
        end--; // the sentence's own
      }
      if (isVersion6(text.substring(six.start(), end))) {
        found.add(new Span(six.start(), end));
      }
    }
    return found;
  }

  /**
   * RFC 4291, 2.2. Fewer than four groups may also be a name or a slice in a program, unless one of
   * them is long and there is a digit.
   */
  static boolean isVersion6(String text) {
    String address = text.replaceFirst("%.*", "");
    int last = address.lastIndexOf(':');
    if (address.indexOf('.') >= 0) {
      if (!DOTTED.matcher(address.substring(last + 1)).matches()) {
        return false;
      }
      address = address.substring(0, last + 1) + "0:0";
    }
    int gap = address.indexOf("::");
    if (gap != address.lastIndexOf("::") || address.matches("::1?")) {
      return false;
    }
    List<String> groups = new ArrayList<>();
    String[] halves =
        gap < 0
            ? new String[] {address}
            : new String[] {address.substring(0, gap), address.substring(gap + 2)};
    for (String half : halves) {
      if (!half.isEmpty()) {
        groups.addAll(List.of(half.split(":", -1)));
      }
    }
    boolean formed = groups.stream().allMatch(group -> group.matches("[0-9A-Fa-f]{1,4}"));
    boolean whole = gap < 0 ? groups.size() == 8 : !groups.isEmpty() && groups.size() < 8;
    boolean sure =
        groups.stream().anyMatch(group -> group.length() > 2)
            && address.chars().anyMatch(Character::isDigit);
    return formed && whole && (groups.size() >= 4 || sure);
  }
}
