package io.github.moa4j.spring;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.model.tool.ToolExecutionResult;
import org.springframework.ai.tool.definition.ToolDefinition;

/** The tools of prompts: how a mixture reads them, and what follows when it has called some. */
final class Tools {

  private final ToolCallingManager manager;
  private final BiPredicate<ChatOptions, ChatResponse> eligible;

  /**
   * Creates it.
   *
   * @param manager executes calls
   * @param eligible decides whether calls are executed, or handed to the application
   */
  Tools(ToolCallingManager manager, BiPredicate<ChatOptions, ChatResponse> eligible) {
    this.manager = manager;
    this.eligible = eligible;
  }

  /**
   * Returns the tools of a prompt as chat templates read them.
   *
   * @throws MoaException if the schema of one is no JSON
   */
  List<Map<String, Object>> of(MoaChatOptions options) {
    return manager.resolveToolDefinitions(options).stream().map(Tools::tool).toList();
  }

  private static Map<String, Object> tool(ToolDefinition definition) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", definition.name());
    function.put("description", definition.description());
    function.put(
        "parameters",
        Json.value(
            definition.inputSchema(),
            "The input schema of the tool " + definition.name(),
            MoaException::new));
    Map<String, Object> tool = new LinkedHashMap<>();
    tool.put("type", "function");
    tool.put("function", function);
    return tool;
  }

  /** Whether the calls of a response are to be executed here. */
  boolean executes(Prompt prompt, ChatResponse response) {
    return eligible.test(prompt.getOptions(), response);
  }

  ToolExecutionResult execute(Prompt prompt, ChatResponse response) {
    return manager.executeToolCalls(prompt, response);
  }

  /** Returns the results as the response, for tools whose results the model is not to read. */
  static ChatResponse direct(ToolExecutionResult results, ChatResponse response) {
    return ChatResponse.builder()
        .from(response)
        .generations(ToolExecutionResult.buildGenerations(results))
        .build();
  }

  /** Returns the prompt that tells the model the results. */
  static Prompt after(ToolExecutionResult results, MoaChatOptions options) {
    return new Prompt(results.conversationHistory(), options.afterCalls());
  }
}
