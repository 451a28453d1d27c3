/**
 * Training and bulk answering on a cluster of Apache Spark. Folders of bases, domains and mixtures
 * come in by URI of Hadoop's file systems, and questions as datasets; domains go out as new
 * versions of a mixture's adapters, answers as rows. May use the public rooms of core, router and
 * training, Spark and Hadoop; nobody depends on it.
 */
package io.github.moa4j.spark;
