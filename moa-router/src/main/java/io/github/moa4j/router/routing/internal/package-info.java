/**
 * How a question comes by its adapters: what a router reads of the prompt, what it says to that,
 * and which versions of which adapters are held for the answer. Questions and the router in use go
 * in; decisions and held adapters come out. It may use moa-core, the values and routers of {@code
 * router}, and the rooms {@code layerwise}, {@code stored}, {@code access} and {@code monitoring},
 * but not the mixture.
 */
package io.github.moa4j.router.routing.internal;
