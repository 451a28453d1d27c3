package io.github.moa4j.core.registry;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraConfig;

/**
 * An adapter in the engine's memory.
 *
 * @param config how it was trained
 * @param weights owned by the pool that holds them
 */
record LoadedAdapter(LoraConfig config, AppliedLora weights) {}
