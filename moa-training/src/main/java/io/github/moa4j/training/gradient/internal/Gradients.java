package io.github.moa4j.training.gradient.internal;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Loss and gradients of a batch.
 *
 * @param loss sum of −log p over the answer tokens
 * @param routingLoss mean over the layers of, for a choice by token, E · Σ_e (share of tokens ·
 *     mean probability) (Fedus et al., 2022, equation 4; 1 if the experts are used evenly), for
 *     routers beside labels their cross-entropy; else 0
 * @param arrays the gradient of each parameter that trains
 */
public record Gradients(double loss, double routingLoss, List<NDArray> arrays) {}
