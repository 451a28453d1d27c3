package io.github.moa4j.core.constraint.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The JSON strings that a schema allows. */
final class Texts {

  private static final String DATE =
      "[12][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)"
          + "|(0[13578]|1[02])-31)";
  private static final String TIME =
      "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+](0[0-9]|1[0-4]):[0-5][0-9]"
          // An offset of -00:00 says that it is unknown, which not all readers take.
          + "|-((0[1-9]|1[0-4]):[0-5][0-9]|00:(0[1-9]|[1-5][0-9])))";
  private static final String LABEL = "[a-z]([a-z0-9]{0,20}[a-z0-9])?";
  private static final String HOST = LABEL + "(\\." + LABEL + "){1,3}";
  private static final String PART = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])";
  private static final Map<String, String> FORMATS =
      Map.of(
          "date",
          DATE,
          "time",
          TIME,
          "date-time",
          DATE + "T" + TIME,
          "duration",
          "P([1-9][0-9]{0,3}D|T[1-9][0-9]{0,3}[HMS])",
          "uuid",
          "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
          "email",
          "[a-z][a-z0-9]{0,30}(\\.[a-z0-9]{1,15}){0,2}@" + LABEL + "\\.(com|org|net)",
          "hostname",
          HOST,
          "ipv4",
          PART + "(\\." + PART + "){3}",
          "ipv6",
          "([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
          "uri",
          "https?://" + HOST + "(/[A-Za-z0-9._-]{1,40}){0,6}/?");

  private Texts() {}

  static Language of(Map<String, Object> schema) {
    int least = SchemaParts.count(schema, "minLength", 0);
    int most = SchemaParts.count(schema, "maxLength", -1);
    List<Language> all = new ArrayList<>();
    if (schema.containsKey("pattern")) {
      all.add(PatternReader.inJson(SchemaParts.text(schema, "pattern"), false));
    }
    if (schema.containsKey("format")) {
      String format = SchemaParts.text(schema, "format");
      if (!FORMATS.containsKey(format)) {
        throw SchemaParts.refused("format", "of " + format);
      }
      all.add(PatternReader.inJson(FORMATS.get(format), true));
    }
    if (most >= 0 && most < least) {
      return Language.NOTHING;
    }
    Language any = Characters.ALL.language(true).repeated(least, most);
    if (all.isEmpty()) {
      return quoted(any);
    }
    Language inside = all.get(0);
    for (Language other : all.subList(1, all.size())) {
      inside = inside.and(other);
    }
    if (least > 0 || most >= 0) {
      inside =
          inside instanceof CharacterLanguage.Loop
              ? inside.and(any)
              : new LimitedText(inside, least, most);
    }
    return quoted(inside);
  }

  private static Language quoted(Language inside) {
    return Language.sequence(Language.text("\""), inside, Language.text("\""));
  }
}
