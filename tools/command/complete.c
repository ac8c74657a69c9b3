#include "complete.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"

static void print_commands(void)
{
    for (int i = 0; i < command_count; i++)
        printf("%s ", commands[i].name);
    printf("version complete");
}

static void print_options_of(unsigned bit)
{
    for (int i = 0; i < option_count; i++)
        if ((option_rows[i].commands & bit) != 0)
            printf("--%s ", option_rows[i].name);
    printf("--help");
}

/* Options whose values have names, as cases of the word before, as bash and zsh read them. */
static void print_values(const char *before, const char *after)
{
    for (int i = 0; i < option_count; i++) {
        talus_option info;
        if (!option_info(&option_rows[i], &info) || info.type != TALUS_OPTION_TYPE_NAME)
            continue;
        printf("    --%s) %s", option_rows[i].name, before);
        print_names(stdout, &option_rows[i], " ");
        printf("%s ;;\n", after);
    }
}

/* Where there are no words, bash proposes files. */
static void print_bash(void)
{
    printf("_talus() {\n    local current=${COMP_WORDS[COMP_CWORD]} words=\n"
           "    case ${COMP_WORDS[COMP_CWORD-1]} in\n");
    print_values("words='", "'");
    printf("    esac\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words='");
    print_commands();
    printf("'\n    elif [ -z \"$words\" ] && [ \"${current#-}\" != \"$current\" ]; then\n        case "
           "${COMP_WORDS[1]} in\n");
    for (int i = 0; i < command_count; i++) {
        printf("        %s) words='", commands[i].name);
        print_options_of(commands[i].bit);
        printf("' ;;\n");
    }
    printf("        esac\n    elif [ \"${COMP_WORDS[1]}\" = data ] && [ \"$COMP_CWORD\" -eq 2 ]; then\n      "
           "  words=describe\n"
           "    fi\n    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
           "complete -o default -o bashdefault -F _talus talus\n");
}

static void print_zsh(void)
{
    printf("#compdef talus\n_talus() {\n    if [ $CURRENT -eq 2 ]; then\n        compadd -- ");
    print_commands();
    printf("\n        return\n    fi\n    case $words[CURRENT-1] in\n");
    print_values("compadd -- ", "; return");
    printf("    esac\n    if [[ $PREFIX != -* ]]; then\n        _files\n        return\n    fi\n"
           "    case $words[2] in\n");
    for (int i = 0; i < command_count; i++) {
        printf("    %s) compadd -- ", commands[i].name);
        print_options_of(commands[i].bit);
        printf(" ;;\n");
    }
    printf("    esac\n}\ncompdef _talus talus\n");
}

/* The sentence of a row, with quotes that fish reads. */
static void print_sentence(const option_row *row)
{
    talus_option info;
    const char *text = row->sentence;
    if (text == NULL && option_info(row, &info))
        text = info.sentence;
    for (; text != NULL && *text != '\0'; text++)
        printf(*text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
}

static void print_fish_option(const option_row *row, const char *command)
{
    talus_option info;
    printf("complete -c talus -n '__fish_seen_subcommand_from %s' -l %s%s -d '", command, row->name,
           row->value == NULL ? "" : " -r");
    print_sentence(row);
    printf("'");
    if (option_info(row, &info) && info.type == TALUS_OPTION_TYPE_NAME) {
        printf(" -f -a '");
        print_names(stdout, row, " ");
        printf("'");
    }
    printf("\n");
}

static void print_fish(void)
{
    printf("complete -c talus -n __fish_use_subcommand -f -a '");
    print_commands();
    printf("'\n");
    for (int i = 0; i < option_count; i++)
        for (int k = 0; k < command_count; k++)
            if ((option_rows[i].commands & commands[k].bit) != 0)
                print_fish_option(&option_rows[i], commands[k].name);
}

int print_completion(const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].print();
            return 1;
        }
    fprintf(stderr, "talus: complete takes bash, zsh or fish, got \"%s\"\n", shell);
    return 0;
}
