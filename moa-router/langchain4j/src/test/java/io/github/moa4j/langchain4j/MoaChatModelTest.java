package io.github.moa4j.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;

/** LangChain4j's own suite for chat models. What a mixture does not do must be refused by name. */
final class MoaChatModelTest extends AbstractChatModelIT {

  @Override
  protected List<ChatModel> models() {
    return List.of(MoaChatModel.of(AnsweringMixture.get()));
  }

  @Override
  protected ChatModel createModelWith(ChatRequestParameters parameters) {
    return MoaChatModel.of(AnsweringMixture.get(), parameters);
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
  protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(ChatModel model) {
    return MoaChatResponseMetadata.class;
  }

  @Override
  protected boolean supportsChatAsync() {
    return true;
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
