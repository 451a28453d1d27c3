package io.github.moa4j.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.constraint.Constraint;
import io.github.moa4j.core.constraint.ConstraintException;
import io.github.moa4j.core.generation.GenerationOptions;
import io.github.moa4j.core.text.Conversation;
import io.github.moa4j.router.Question;
import java.util.Optional;

/** LangChain4j's requests as questions to a mixture. */
final class Questions {

  private Questions() {}

  /**
   * Returns a request as a question.
   *
   * @throws UnsupportedFeatureException if a mixture cannot do what it asks for
   * @throws InvalidRequestException if a parameter is out of its range, or the messages are none
   *     that a conversation can have
   */
  static Question of(ChatRequest request) {
    requireSupported(request);
    try {
      return question(request);
    } catch (LangChain4jException e) {
      throw e;
    } catch (MoaException | IllegalArgumentException e) {
      throw new InvalidRequestException(e.getMessage(), e);
    }
  }

  private static Question question(ChatRequest request) {
    MoaChatRequestParameters parameters = MoaChatRequestParameters.of(request.parameters());
    Question question =
        Question.of(
                Conversation.of(Messages.of(request.messages()))
                    .withTools(Structures.tools(parameters.toolSpecifications())))
            .with(options(parameters))
            .calling(Structures.choice(parameters.toolChoice()));
    if (parameters.caller() != null) {
      question = question.as(parameters.caller());
    }
    String model = parameters.modelName();
    if (model == null || model.equals(MoaChatRequestParameters.AUTO)) {
      return question;
    }
    return question.inDomain(model);
  }

  private static GenerationOptions options(MoaChatRequestParameters parameters) {
    try {
      GenerationOptions options = parameters.options();
      Optional<Constraint> format = Structures.constraint(parameters.responseFormat());
      if (format.isPresent() && options.constraint().isPresent()) {
        throw new InvalidRequestException(
            "A response format of JSON and a constraint exclude each other.");
      }
      return format.map(options::withConstraint).orElse(options);
    } catch (ConstraintException e) {
      throw new UnsupportedFeatureException("The response format: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          "A parameter of the request is wrong: " + e.getMessage(), e);
    }
  }

  static void requireSupported(ChatRequest request) {
    requireSupported(request.parameters());
    Messages.requireText(request.messages());
  }

  static void requireSupported(ChatRequestParameters parameters) {
    refuse(parameters.frequencyPenalty() != null, "the parameter frequencyPenalty");
    refuse(parameters.presencePenalty() != null, "the parameter presencePenalty");
  }

  static void refuse(boolean asked, String feature) {
    if (asked) {
      throw new UnsupportedFeatureException("A mixture does not support " + feature);
    }
  }
}
