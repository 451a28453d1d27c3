/**
 * Who asks a mixture, and the record of it. An application says who a caller is and what it may
 * see; the mixture tells an audit who got which adapter, and a file of lines comes out. It uses
 * {@code core.files} and nothing of the router's other rooms.
 */
package io.github.moa4j.router.access;
