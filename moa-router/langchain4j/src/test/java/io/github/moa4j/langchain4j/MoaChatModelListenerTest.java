package io.github.moa4j.langchain4j;

import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;

/** LangChain4j's own suite for the listeners of a chat model. */
final class MoaChatModelListenerTest extends AbstractChatModelListenerIT {

  @Override
  protected ChatModel createModel(ChatModelListener listener) {
    return model(modelName(), listener);
  }

  @Override
  protected ChatModel createFailingModel(ChatModelListener listener) {
    return model("no-such-domain", listener);
  }

  private ChatModel model(String name, ChatModelListener listener) {
    return MoaChatModel.of(
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
