package io.github.moa4j.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelPublisherListenerTest;
import dev.langchain4j.model.chat.listener.ChatModelListener;

/** LangChain4j's own suite for listeners of streams that subscribers read. */
final class MoaStreamingChatModelPublisherListenerTest
    extends AbstractStreamingChatModelPublisherListenerTest {

  /** A mixture answers in pieces of its own; to fail, it is asked for a domain that is not. */
  @Override
  protected StreamingChatModel createModel(ChatModelListener listener, StreamScenario scenario) {
    return MoaStreamingChatModel.of(
        AnsweringMixture.get(),
        MoaChatRequestParameters.builder()
            .modelName(scenario.fail() ? "nobody" : AnsweringMixture.QUESTIONS)
            .build(),
        listener);
  }
}
