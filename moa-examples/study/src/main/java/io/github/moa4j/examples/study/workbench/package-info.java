/**
 * What all parts of a comparison share: base, domains, settings and the store of results. Domains
 * and an output folder come in; encoded examples, options and stored records go out. It may use
 * every library of this project and, of the study, the records of its report.
 */
package io.github.moa4j.examples.study.workbench;
