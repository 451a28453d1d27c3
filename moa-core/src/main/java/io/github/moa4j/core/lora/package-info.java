/**
 * LoRA adapters: their configuration, their tensors in host memory, PEFT's directory format in and
 * out, and the forms in which the engine trains and applies them. Directories or float data go in;
 * validated adapters come out, with weights that a forward pass can apply. It may use {@code
 * kernel} and {@code checkpoint}.
 */
package io.github.moa4j.core.lora;
