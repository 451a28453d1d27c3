package io.github.moa4j.core.template;

import java.util.Iterator;

/** Elements that are worked out while they are gone through, which can be done once. */
record Generator(Iterator<Object> elements) {}
