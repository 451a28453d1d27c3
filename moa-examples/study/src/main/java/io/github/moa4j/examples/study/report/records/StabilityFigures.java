package io.github.moa4j.examples.study.report.records;

/**
 * How calmly a training run went.
 *
 * @param medianGradientNorm of the steps' global norms before clipping; NaN if nothing was trained
 * @param maxGradientNorm the largest of them; NaN if nothing was trained
 * @param lossSpikes steps whose loss jumped far above its surroundings
 * @param diverged whether the loss became NaN or never came back
 */
public record StabilityFigures(
    double medianGradientNorm, double maxGradientNorm, int lossSpikes, boolean diverged) {}
