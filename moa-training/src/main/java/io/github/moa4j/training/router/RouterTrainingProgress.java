package io.github.moa4j.training.router;

/**
 * How far the training of a layer-wise router has come.
 *
 * @param layer position of the layer in training, from 0
 * @param layers number of layers to train
 * @param state index of the state this layer reads
 * @param step steps this layer has taken
 * @param loss cross entropy over the training prompts, in nats, every domain weighing the same
 * @param heldOutLoss the same over the held-out prompts; NaN where there are none
 * @param heldOutAccuracy share of the held-out prompts this layer alone gets right; NaN likewise
 */
public record RouterTrainingProgress(
    int layer,
    int layers,
    int state,
    int step,
    double loss,
    double heldOutLoss,
    double heldOutAccuracy) {}
