package io.github.moa4j.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.common.StreamingMode;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;

/**
 * LangChain4j's own suite for chat models that stream. What a mixture does not do must be refused
 * by name.
 */
final class MoaStreamingChatModelTest extends AbstractStreamingChatModelIT {

  @Override
  protected List<StreamingMode> streamingModes() {
    return List.of(StreamingMode.HANDLER, StreamingMode.PUBLISHER);
  }

  @Override
  protected List<StreamingChatModel> baseModels() {
    return List.of(MoaStreamingChatModel.of(AnsweringMixture.get()));
  }

  @Override
  protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
    return MoaStreamingChatModel.of(AnsweringMixture.get(), parameters);
  }

  @Override
  public StreamingChatModel createModelWith(ChatModelListener listener) {
    return MoaStreamingChatModel.of(
        AnsweringMixture.get(), MoaChatRequestParameters.builder().build(), listener);
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return MoaChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
  }

  @Override
  protected String customModelName() {
    return AnsweringMixture.COUNTING;
  }

  @Override
  protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(
      StreamingChatModel model) {
    return MoaChatResponseMetadata.class;
  }

  @Override
  protected boolean supportsSingleImageInputAsBase64EncodedString() {
    return false; // the bases read text only
  }

  @Override
  protected boolean supportsSingleImageInputAsPublicURL() {
    return false; // the bases read text only
  }
}
