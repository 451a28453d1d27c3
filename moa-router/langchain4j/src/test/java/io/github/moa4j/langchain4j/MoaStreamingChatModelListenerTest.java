package io.github.moa4j.langchain4j;

import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;

/** LangChain4j's own suite for the listeners of a chat model. */
final class MoaStreamingChatModelListenerTest extends AbstractStreamingChatModelListenerIT {

  @Override
  protected StreamingChatModel createModel(ChatModelListener listener) {
    return model(modelName(), listener);
  }

  @Override
  protected StreamingChatModel createFailingModel(ChatModelListener listener) {
    return model("no-such-domain", listener);
  }

  private StreamingChatModel model(String name, ChatModelListener listener) {
    return MoaStreamingChatModel.of(
        AnsweringMixture.get(),
        MoaChatRequestParameters.builder()
            .modelName(name)
            .temperature(temperature())
            .topP(topP())
            .maxOutputTokens(maxTokens())
            .build(),
        listener);
  }

  @Override
  protected String modelName() {
    return AnsweringMixture.QUESTIONS;
  }

  @Override
  protected Class<? extends Exception> expectedExceptionClass() {
    return ModelNotFoundException.class;
  }
}
